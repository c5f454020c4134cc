#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The distributions that limits and p-values are taken from. Relative errors are below 1e-10 where a value is above 1e-300.
enum SpecialFunctions {
    /// Q(a, x): the share of a gamma distribution of shape `a` > 0 above `x` ≥ 0.
    static func upperGamma(_ a: Double, _ x: Double) -> Double {
        guard x > 0 else { return 1 }
        guard x.isFinite else { return 0 }
        let front = exp(a * log(x) - x - logGamma(a))
        if x < a + 1 {
            // The series of the lower part.
            var (term, sum, n) = (1 / a, 1 / a, a)
            for _ in 0..<10_000 {
                n += 1
                term *= x / n
                sum += term
                if term < sum * 1e-17 { break }
            }
            return 1 - sum * front
        }
        // The continued fraction of the upper part, by Lentz.
        var b = x + 1 - a
        var c = 1e300
        var d = 1 / b
        var h = d
        for i in 1..<10_000 {
            let an = -Double(i) * (Double(i) - a)
            b += 2
            d = an * d + b
            if d.magnitude < 1e-300 { d = 1e-300 }
            c = b + an / c
            if c.magnitude < 1e-300 { c = 1e-300 }
            d = 1 / d
            let step = d * c
            h *= step
            if (step - 1).magnitude < 1e-16 { break }
        }
        return h * front
    }

    /// I_x(a, b): the share of a beta distribution below `x` in [0, 1].
    static func beta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
        if x < (a + 1) / (a + b + 2) { return front * betaFraction(x, a, b) / a }
        return 1 - front * betaFraction(1 - x, b, a) / b
    }

    private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        var c = 1.0
        var d = 1 - (a + b) * x / (a + 1)
        if d.magnitude < 1e-300 { d = 1e-300 }
        d = 1 / d
        var h = d
        for i in 1..<10_000 {
            let m = Double(i)
            for numerator in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 + numerator * d
                if d.magnitude < 1e-300 { d = 1e-300 }
                c = 1 + numerator / c
                if c.magnitude < 1e-300 { c = 1e-300 }
                d = 1 / d
                h *= d * c
            }
            if (d * c - 1).magnitude < 1e-16 { break }
        }
        return h
    }

    private static func logGamma(_ x: Double) -> Double {
        // Stirling's series, shifted to where it converges: lgamma of the C library keeps a sign in a global variable.
        var (x, shift) = (x, 0.0)
        while x < 15 {
            shift += log(x)
            x += 1
        }
        let squared = 1 / (x * x)
        let series =
            1 / 12.0 - squared * (1 / 360.0 - squared * (1 / 1_260.0 - squared * (1 / 1_680.0 - squared / 1_188)))
        return (x - 0.5) * log(x) - x + 0.918_938_533_204_672_74 + series / x - shift
    }

    // MARK: Chi-square

    /// P(X > x) for χ² with some degrees of freedom.
    static func chiSquareTail(_ x: Double, degrees: Double) -> Double { upperGamma(degrees / 2, x / 2) }

    /// The x with P(X > x) = `tail`, in (0, 1).
    static func chiSquareQuantile(tail: Double, degrees: Double) -> Double {
        invert(tail, from: degrees + 1) { chiSquareTail($0, degrees: degrees) }
    }

    // MARK: Student's t

    /// P(T > t).
    static func studentTail(_ t: Double, degrees: Double) -> Double {
        let half = 0.5 * beta(degrees / (degrees + t * t), degrees / 2, 0.5)
        return t >= 0 ? half : 1 - half
    }

    /// The t > 0 with P(T > t) = `tail`, in (0, 0.5).
    static func studentQuantile(tail: Double, degrees: Double) -> Double {
        invert(tail, from: 1) { studentTail($0, degrees: degrees) }
    }

    /// Where a falling function of x ≥ 0 is `tail`, to the last bit but few.
    private static func invert(_ tail: Double, from start: Double, _ function: (Double) -> Double) -> Double {
        var (low, high) = (0.0, start)
        while function(high) > tail, high < 1e300 { (low, high) = (high, high * 2) }
        for _ in 0..<200 {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { break }
            if function(middle) > tail { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    // MARK: Kolmogorov

    /// P(√n·D > x) for large n, of Kolmogorov's distribution.
    static func kolmogorovTail(_ x: Double) -> Double {
        guard x > 0 else { return 1 }
        if x < 1 {
            // The series of the distribution itself converges there in few terms.
            let factor = -Double.pi * Double.pi / (8 * x * x)
            var sum = 0.0
            for k in stride(from: 1.0, through: 39, by: 2) { sum += exp(factor * k * k) }
            return 1 - (2 * Double.pi).squareRoot() / x * sum
        }
        var sum = 0.0
        for k in 1...20 {
            let term = exp(-2 * Double(k * k) * x * x)
            sum += k % 2 == 1 ? term : -term
        }
        return min(1, 2 * sum)
    }
}
