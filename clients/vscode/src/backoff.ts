/** How long to wait before the next try: short at first, longer while it goes on failing. */

const FIRST = 100;
const LONGEST = 10_000;

/** A life of at least this many milliseconds makes the next failure a first one. */
export const LONG_LIFE = 10_000;

export class Backoff {
  failures = 0;

  /** Milliseconds to wait after a life of `lived` milliseconds has ended. */
  next(lived: number): number {
    if (lived >= LONG_LIFE) this.failures = 0;
    const wait = Math.min(FIRST * 3 ** this.failures, LONGEST);
    this.failures += 1;
    return wait;
  }

  reset(): void {
    this.failures = 0;
  }
}
