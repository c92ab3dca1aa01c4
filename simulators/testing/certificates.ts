import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A private CA made by openssl, as an operator makes one. */
interface TestCa {
  readonly caFile: string;
  /** A certificate for 127.0.0.1 and localhost; negative days: one that has expired. */
  issue(name: string, days: number): { readonly certFile: string; readonly keyFile: string };
}

export function createTestCa(dir: string): TestCa {
  const openssl = (...args: string[]) => void execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  const [caFile, caKey] = [join(dir, 'ca.pem'), join(dir, 'ca.key')];
  openssl('req', '-x509', ...key, '-subj', '/CN=test ca', '-keyout', caKey, '-out', caFile);
  const names = join(dir, 'names.ext');
  writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  return {
    caFile,
    issue(name, days) {
      const file = (end: string) => join(dir, `${name}.${end}`);
      openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr'));
      const signed = ['-in', file('csr'), '-CA', caFile, '-CAkey', caKey, '-CAcreateserial'];
      const until = ['-days', String(days), '-extfile', names];
      openssl('x509', '-req', ...signed, ...until, '-out', file('pem'));
      return { certFile: file('pem'), keyFile: file('key') };
    },
  };
}
