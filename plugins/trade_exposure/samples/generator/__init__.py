"""Makes the sample: seeded, exact, and the same bytes on every machine.

Only additions, multiplications and divisions touch floating point, never a function of the C library, so that no machine
rounds differently; money is whole cents or won throughout.
"""
