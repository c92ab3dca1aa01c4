import { expect, test } from 'vitest';
import { assertInternals } from './library-internals.ts';
import { faultIn } from './link-fault.ts';

test('a release of the library without what is used of it is a fault that names it', () => {
  const parts = { store: 'checkCertificate', session: 'deleteMonitoredItems' } as const;
  for (const [part, name] of Object.entries(parts)) {
    const of = part as keyof typeof parts;
    expect(() => assertInternals(of, { [name]: () => undefined })).not.toThrow();
    const found = catchFault(() => assertInternals(of, {}));
    expect(found).toMatchObject({ code: 'library-unfit' });
    expect(found?.text).toContain(`${part}.${name}`);
  }
  expect(() => assertInternals('subscription', { lastSequenceNumber: -1 })).not.toThrow();
  expect(catchFault(() => assertInternals('subscription', {}))?.code).toBe('library-unfit');
});

function catchFault(work: () => void) {
  try {
    work();
  } catch (error) {
    return faultIn(error);
  }
  return undefined;
}
