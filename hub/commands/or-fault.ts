import { Fault, type Result } from '#contracts/fault.ts';

/** The value. @throws Fault where something was refused. */
export function orFault<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Fault(result.refusal.code, result.refusal.message);
}
