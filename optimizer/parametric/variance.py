"""R^2 along the line of one working set: a quadratic in the risk tolerance, and the tolerance that meets a target.

R^2 = alpha + 2 beta t + gamma t^2,      gamma = mu'b,      b = dw/dt
"""

from __future__ import annotations

import math

from optimizer.parametric.compiled import compiled
from optimizer.parametric.exact import Line, Point
from optimizer.parametric.state import Program


@compiled
def variance_at(program: Program, point: Point, t: float, constant: float) -> float:
    """R(w)^2 = w'Sigma w - 2 c'w + constant, from the gradient.

    Parameters
    ----------
    program : Program
    point : Point
    t : float
    constant : float
    """
    x, p, force, mu, linear, total = point.x, point.p, point.force, program.mu, program.linear, constant
    for i in range(mu.size):
        # Sigma w - c = g + t mu + A'lam, whose last part is added through the rows.
        total += x[i] * (force[i] + t * mu[i] - linear[i])
    for j in range(mu.size, x.size):
        total += x[j] * p[j]
    return total


@compiled
def quadratic(program: Program, line: Line, constant: float) -> tuple[float, float, float]:
    """Coefficients of  R^2 = alpha + 2 beta t + gamma t^2  along a line.

    With b = dw/dt:  b'(Sigma w - c) = t mu'b + y'(A b)  and  A_W b = 0,  so that  gamma = mu'b.

    Parameters
    ----------
    program : Program
    line : Line
    constant : float
    """
    n, b = program.mu.size, line.slope.x
    gamma, beta = 0.0, 0.0
    for i in range(n):
        gamma += program.mu[i] * b[i]
        beta += b[i] * line.start.force[i]
    for j in range(n, b.size):
        beta += line.start.p[j] * b[j]
    return variance_at(program, line.start, 0.0, constant), beta, gamma


@compiled
def least_variance(program: Program, line: Line, constant: float) -> float:
    """The least R^2 along a line.

    Parameters
    ----------
    program : Program
    line : Line
    constant : float
    """
    alpha, beta, gamma = quadratic(program, line, constant)
    return alpha - beta * beta / gamma if gamma > 0.0 else alpha


@compiled
def tolerance_with(program: Program, line: Line, variance: float, constant: float, otherwise: float) -> float:
    """The t at which the line has a variance: the larger root, since variance grows with t.

    Parameters
    ----------
    program : Program
    line : Line
    variance, constant : float
    otherwise : float
        What to return where the line never has it.
    """
    alpha, beta, gamma = quadratic(program, line, constant)
    square = beta * beta - gamma * (alpha - variance)
    if gamma <= 0.0 or square < 0.0:
        return otherwise
    # Of the two forms of the root, the one that does not cancel.
    root = math.sqrt(square)
    return (root - beta) / gamma if beta <= 0.0 else (variance - alpha) / (beta + root)


@compiled
def newton_step(program: Program, line: Line, t: float, missing: float) -> float:
    """By how much t must change for the variance to change by a little.

    Takes out what the cancellation in the coefficients of the quadratic has left.

    Parameters
    ----------
    program : Program
    line : Line
    t, missing : float
    """
    slope = 0.0
    for i in range(program.mu.size):
        slope += 2.0 * t * program.mu[i] * line.slope.x[i]
    return missing / slope if slope > 0.0 else 0.0
