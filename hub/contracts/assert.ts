/**
 * Crashes on a programmer error. Operating faults use `Fault`, expected refusals are returned.
 *
 * @throws Error when `condition` is false; a supervisor restarts the process.
 */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`);
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
