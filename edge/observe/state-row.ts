/**
 * One piece of observer state as it is stored: `machine` and `key` together name it, `value` is its
 * canonical text, and null means that the piece is gone.
 */
export interface StateRow {
  readonly machine: string;
  readonly key: string;
  readonly value: string | null;
}
