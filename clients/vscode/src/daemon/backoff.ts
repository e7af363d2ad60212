/** How long to wait before the next try: short at first, longer after each failure. */

/** Milliseconds before the second try, and the longest wait. */
const FIRST = 100;
const LONGEST = 10_000;

/** After a connection of at least this many milliseconds, the waits start again from the shortest. */
export const STEADY = 10_000;

export class Backoff {
  failures = 0;

  /** Milliseconds to wait after a connection that lasted `lasted` milliseconds. */
  next(lasted: number): number {
    if (lasted >= STEADY) this.failures = 0;
    const wait = Math.min(FIRST * 3 ** this.failures, LONGEST);
    this.failures += 1;
    return wait;
  }

  reset(): void {
    this.failures = 0;
  }
}
