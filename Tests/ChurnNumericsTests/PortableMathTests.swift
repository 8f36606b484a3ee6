import Foundation
import Testing

@testable import ChurnNumerics

/// The portable functions against the C library's, which are correct to well under one unit in the last place.
@Suite struct PortableMathTests {
    @Test func expIsWithinOneUnitInTheLastPlace() {
        var arguments = Array(stride(from: -746.0, through: 710.0, by: 0.0173))
        for power in 0..<1074 {
            arguments += [0x1p0, -0x1p0].map { $0 * Double(sign: .plus, exponent: -power, significand: 1) }
        }
        // The ends: where results are subnormal, and the last finite and first positive ones.
        arguments += Array(stride(from: -745.14, through: -708.3, by: 0.0007))
        arguments += [709.782712893384, 709.7827128933839, -745.1332191019411, -745.1332191019412, -708.3964185322641]
        for x in arguments {
            #expect(unitsApart(PortableMath.exp(x), Foundation.exp(x)) <= 1, "exp(\(x))")
        }
    }

    @Test func expOfManyHasTheBitsOfExpOfOne() {
        var arguments: [Double] = Array(stride(from: -746.0, through: 711.0, by: 0.0171))
        arguments += [0, -0.0, 700, -700, 700.0000000001, -1e-300, .leastNonzeroMagnitude, .infinity, -.infinity, 0.5]
        // In every place of a group, and in the rest that fills none.
        for count in [0, 1, 7, 8, 9, 16, arguments.count] {
            let some = Array(arguments.suffix(count))
            var results = [Double](repeating: .nan, count: count)
            results.withUnsafeMutableBufferPointer { buffer in
                some.withUnsafeBufferPointer { given in
                    guard let target = buffer.baseAddress, let source = given.baseAddress else { return }
                    PortableMath.exp(source, count: count, into: target)
                }
            }
            #expect(results.map(\.bitPattern) == some.map { PortableMath.exp($0).bitPattern }, "\(count)")
        }
        var one = [1.0, .nan, 2]
        one.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            PortableMath.exp(base, count: buffer.count, into: base)
        }
        #expect(one[1].isNaN && one[2] == PortableMath.exp(2))
    }

    @Test func expOfTheEndsIsExact() {
        #expect(PortableMath.exp(0) == 1)
        #expect(PortableMath.exp(-0.0) == 1)
        #expect(PortableMath.exp(.infinity) == .infinity)
        #expect(PortableMath.exp(-.infinity) == 0)
        #expect(PortableMath.exp(.greatestFiniteMagnitude) == .infinity)
        #expect(PortableMath.exp(709.782712893385) == .infinity)
        #expect(PortableMath.exp(-.greatestFiniteMagnitude) == 0)
        #expect(PortableMath.exp(.leastNonzeroMagnitude) == 1)
        #expect(PortableMath.exp(-745.1332191019411) == .leastNonzeroMagnitude)
        #expect(PortableMath.exp(.nan).isNaN)
    }

    @Test func logIsWithinOneUnitInTheLastPlace() {
        for exponent in stride(from: -1074, through: 1023, by: 3) {
            let power = Double(sign: .plus, exponent: exponent, significand: 1)
            for mantissa in stride(from: 1.0, to: 2.0, by: 0.0317) {
                let x = power * mantissa
                #expect(unitsApart(PortableMath.log(x), Foundation.log(x)) <= 1, "log(\(x))")
            }
        }
        var nearOne: [Double] = Array(stride(from: 0.5, through: 2.0, by: 0.000_031))
        for power in 1...52 {
            let distance = Double(sign: .plus, exponent: -power, significand: 1)
            nearOne += [1 + distance, 1 - distance / 2]
        }
        for x in nearOne { #expect(unitsApart(PortableMath.log(x), Foundation.log(x)) <= 1, "log(\(x))") }
    }

    @Test func logOfTheEndsIsExact() {
        #expect(PortableMath.log(1) == 0)
        #expect(PortableMath.log(0) == -.infinity)
        #expect(PortableMath.log(-0.0) == -.infinity)
        #expect(PortableMath.log(.infinity) == .infinity)
        #expect(PortableMath.log(-1).isNaN)
        #expect(PortableMath.log(-.infinity).isNaN)
        #expect(PortableMath.log(-.leastNonzeroMagnitude).isNaN)
        #expect(PortableMath.log(.nan).isNaN)
        for x in [Double.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude] {
            #expect(unitsApart(PortableMath.log(x), Foundation.log(x)) <= 1)
        }
    }

    /// How many doubles lie between two of the same sign; 0 for equal ones and for two NaNs.
    private func unitsApart(_ first: Double, _ second: Double) -> UInt64 {
        if first == second || (first.isNaN && second.isNaN) { return 0 }
        guard first.sign == second.sign, first == first, second == second else { return .max }
        let bits = (first.magnitude.bitPattern, second.magnitude.bitPattern)
        return bits.0 > bits.1 ? bits.0 - bits.1 : bits.1 - bits.0
    }
}
