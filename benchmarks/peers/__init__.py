"""The peers: each tool's query in its own file, written as that tool's good users write it."""
