// Nothing is called from outside: the library is loaded before a program and takes its calls.
