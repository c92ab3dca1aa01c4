import { existsSync, statSync } from 'node:fs';
import type { ConfigFault } from '#contracts/config-fault.ts';
import type { GatewayConfig } from './gateway-config.ts';
import type { Sound } from '#contracts/sound-part.ts';

/** Where a config names files that hold secrets, by JSON pointer. Paths are absolute by now. */
function secretFiles({ hub, http, feed, floor, devices = [] }: Sound<GatewayConfig>): SecretFile[] {
  return [
    ...fileAt('/hub/loginSeedFile', hub?.loginSeedFile),
    ...fileAt('/hub/signingKeyFile', hub?.signingKeyFile),
    ...fileAt('/hub/tls/keyFile', hub?.tls?.keyFile),
    ...fileAt('/http/tokenFile', http?.tokenFile),
    ...fileAt('/feed/tokenFile', feed?.tokenFile),
    ...(feed?.targets ?? []).flatMap((target, index) => [
      ...fileAt(`/feed/targets/${index}/webhook/secretFile`, target?.webhook?.secretFile),
      ...fileAt(`/feed/targets/${index}/mqtt/passwordFile`, target?.mqtt?.passwordFile),
    ]),
    // Until the first person is added there is none.
    ...fileAt('/floor/peopleFile', floor?.peopleFile).filter(({ file }) => existsSync(file)),
    ...devices.flatMap((device, index) => [
      ...fileAt(`/devices/${index}/mqtt/passwordFile`, device?.mqtt?.passwordFile),
      ...fileAt(`/devices/${index}/opcua/passwordFile`, device?.opcua?.passwordFile),
      ...fileAt(`/devices/${index}/http/tokenFile`, device?.http?.tokenFile),
    ]),
  ];
}

interface SecretFile {
  readonly path: string;
  readonly file: string;
}

function fileAt(path: string, file: string | undefined): SecretFile[] {
  return file === undefined ? [] : [{ path, file }];
}

/** Secrets that are not there, are empty, or that others can read. */
export function secretFaults(config: Sound<GatewayConfig>): ConfigFault[] {
  return secretFiles(config).flatMap(({ path, file }) => {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) {
      const remedy =
        'Create it with mode 0600; `gateway init` makes keys and token, passwords are yours to choose.';
      return [{ path, value: file, message: 'names a file that is not there', remedy }];
    }
    if (stat.size === 0) {
      return [{ path, value: file, message: 'names an empty file', remedy: 'Write the secret.' }];
    }
    const mode = stat.mode & 0o777;
    if ((mode & 0o077) === 0) return [];
    const message = `names a file that others may read (mode ${mode.toString(8)})`;
    return [{ path, value: file, message, remedy: `Run: chmod 600 ${file}` }];
  });
}
