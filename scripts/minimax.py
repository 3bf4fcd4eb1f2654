#!/usr/bin/env python3
"""Prints the polynomials of src/ops/vector_math_f32.h and vector_math_f64.h.

Each is the polynomial P of its degree that minimises the greatest of
|weight(z) * (P(z) - f(z))| over an interval (Lawson's iteration). Coefficients are
rounded from the lowest power up; those that remain are fitted again after each,
so that they make up for the rounding. Needs mpmath.
"""
import struct

from mpmath import atanh, cos, exp, expm1, log, matrix, mp, mpf, pi, qr_solve, sin, sqrt

mp.dps = 50


def chebyshev_points(low, high, count):
    return [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * i + 1) / (2 * count))
            for i in range(count)][::-1]


def value(coefficients, z):
    result = mpf(0)
    for c in reversed(coefficients):
        result = result * z + c
    return result


def least_squares(points, values, weights, first, degree):
    """Coefficients of z**first to z**degree with the least sum of weighted squares."""
    rows, terms = len(points), degree + 1 - first
    a, b = matrix(rows, terms), matrix(rows, 1)
    for i in range(rows):
        b[i] = weights[i] * values[i]
        power = weights[i] * points[i] ** first
        for k in range(terms):
            a[i, k] = power
            power *= points[i]
    solution = qr_solve(a, b)[0]
    return [solution[k] for k in range(terms)]


def rounded(x, kind):
    """x to the nearest number of the type; the remainder of double is far below any need here."""
    return mpf(struct.unpack('f', struct.pack('f', float(x)))[0]) if kind == 'f32' else mpf(float(x))


def fit(name, f, weight, low, high, degree, kind):
    """Lawson's iteration: least squares, each point weighted by the error it showed before."""
    points = chebyshev_points(mpf(low), mpf(high), 5 * (degree + 2))
    values, scale = [f(z) for z in points], [weight(z) for z in points]
    share = [mpf(1)] * len(points)
    for _ in range(30):
        weights = [w * sqrt(s) for w, s in zip(scale, share)]
        p = least_squares(points, values, weights, 0, degree)
        errors = [abs(w * (value(p, z) - v)) for w, z, v in zip(scale, points, values)]
        share = [s * e for s, e in zip(share, errors)]
        total = sum(share) / len(share)
        share = [s / total for s in share]
    ideal = max(errors)

    done = []
    for first in range(degree + 1):
        rest = [v - value(done, z) for z, v in zip(points, values)]
        done.append(rounded(least_squares(points, rest, weights, first, degree)[0], kind))
    greatest = max(abs(w * (value(done, z) - v)) for w, z, v in zip(scale, points, values))
    print('%s, %s, degree %d: error 2^%.2f, 2^%.2f with exact coefficients'
          % (name, kind, degree, log(greatest, 2), log(ideal, 2)))
    for power, c in enumerate(done):
        print('    z^%-2d %s' % (power, float(c).hex() if kind == 'f64' else
                                 '%sf' % repr(float('%.9g' % float(c)))))


def near(limit, direct, shift, coefficients):
    return lambda z: direct(z) if abs(z) > limit else value(coefficients[shift:], z)


def main():
    half = log(mpf(2)) / 2 * mpf('1.0001')
    # e^r = 1 + r + r^2 P(r); the error is relative to e^r - 1, for tanh.
    exp_series = [1 / mp.factorial(k) for k in range(30)]
    exp_rest = near(mpf('0.01'), lambda r: (exp(r) - 1 - r) / r ** 2, 2, exp_series)
    exp_weight = near(mpf('1e-9'), lambda r: r ** 2 / abs(expm1(r)), 0, [mpf('1e-9')])
    for kind, degree in (('f32', 5), ('f64', 10)):
        fit('exp', exp_rest, exp_weight, -half, half, degree, kind)
    # log((1 + s) / (1 - s)) = 2 s + s z P(z), z = s^2; 1 + f from sqrt(1/2) to sqrt(2).
    atanh_series = [mpf(2) / (2 * k + 1) for k in range(60)]
    log_rest = near(mpf('0.001'), lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, 1, atanh_series)
    limit = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf('1.0001')
    for kind, degree in (('f32', 2), ('f64', 6)):
        fit('log', log_rest, lambda z: z / 2 + mpf('1e-9'), 0, limit, degree, kind)
    # log(1 + e) = s + s z P(z), s = 2 e / (2 + e), z = (s / 2)^2; e from 0 to 1.
    log1p_rest = near(mpf('0.001'), lambda z: (atanh(sqrt(z)) / sqrt(z) - 1) / z, 1,
                      [c / 2 for c in atanh_series])
    for kind, degree in (('f32', 3), ('f64', 9)):
        fit('log1p', log1p_rest, lambda z: z + mpf('1e-9'), 0, mpf(1) / 9 * mpf('1.0001'), degree, kind)
    # sin(r) = r + r z P(z), cos(r) = 1 - z / 2 + z^2 P(z), z = r^2; r up to pi / 4.
    limit = (pi / 4) ** 2 * mpf('1.0001')
    sin_series = [(-1) ** k / mp.factorial(2 * k + 1) for k in range(20)]
    cos_series = [(-1) ** k / mp.factorial(2 * k) for k in range(20)]
    sin_rest = near(mpf('0.001'), lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, 1, sin_series)
    cos_rest = near(mpf('0.01'), lambda z: (cos(sqrt(z)) - 1 + z / 2) / z ** 2, 2, cos_series)
    for kind, degree in (('f32', 2), ('f64', 5)):
        fit('sin', sin_rest, lambda z: z + mpf('1e-9'), 0, limit, degree, kind)
    for kind, degree in (('f32', 2), ('f64', 5)):
        fit('cos', cos_rest, lambda z: z ** 2 + mpf('1e-12'), 0, limit, degree, kind)


if __name__ == '__main__':
    main()
