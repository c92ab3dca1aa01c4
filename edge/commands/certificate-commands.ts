import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault, type Result } from '#contracts/fault.ts';
import { validityAt } from '../../devices/plc/certificate-info.ts';
import {
  dropOwnCertificate,
  listCertificates,
  moveCertificate,
  type ListedCertificate,
} from '../../devices/plc/certificate-list.ts';
import { profileOf } from '../../devices/registry.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/load-config.ts';
import { pkiFolder } from '../config/plc-settings.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';

/** The certificates of OPC UA connections: a running gateway sees changes at its next connection. */

const config = { value: 'FILE', required: true } as const;
const device = { value: 'ID' } as const;

export const listCertificatesCommand: Command = {
  name: 'certificates list',
  options: { config, device },
  summary: 'the certificates of OPC UA connections: own, trusted and rejected, one JSON line each',
  async run(context, options) {
    for (const { device, pkiDir } of storesOf(context, options)) {
      for (const certificate of listCertificates(pkiDir)) {
        await context.out(lineOf(device, certificate));
      }
    }
    return 0;
  },
};

export const trustCertificateCommand = moveCommand(
  'certificates trust',
  'trusted',
  'trust a server by the certificate that it showed; compare the thumbprint on the server first',
);

export const rejectCertificateCommand = moveCommand(
  'certificates reject',
  'rejected',
  "take a server's certificate off the trusted list; a link that is up stays until it breaks",
);

export const renewCertificateCommand: Command = {
  name: 'certificates renew',
  options: { config, device: { ...device, required: true } },
  summary: "forget the gateway's own certificate: the next connection makes a new one",
  async run(context, options) {
    for (const { device, pkiDir } of storesOf(context, options)) {
      const dropped = dropOwnCertificate(pkiDir);
      if (dropped === undefined) throw new Fault('NOT_FOUND', `${device} has no own certificate`);
      await context.out(lineOf(device, dropped));
      context.say('The server must trust the new one, which it is shown at the next connection.');
    }
    return 0;
  },
};

function moveCommand(name: string, to: 'trusted' | 'rejected', summary: string): Command {
  return {
    name,
    word: 'THUMBPRINT',
    options: { config, device },
    summary,
    async run(context, options, thumbprint) {
      if (thumbprint === undefined) {
        throw new Fault('BAD_INPUT', 'name the thumbprint, or its first 8 digits');
      }
      const moves = storesOf(context, options).map(
        ({ device, pkiDir }) => [device, moveCertificate(pkiDir, thumbprint, to)] as const,
      );
      const moved = moves.filter(([, result]) => result.ok);
      if (moved.length === 0) throw refusedMove(moves.map(([, result]) => result));
      for (const [device, result] of moved) {
        if (result.ok) await context.out(lineOf(device, result.value));
      }
      return 0;
    },
  };
}

/** The refusal that says most: that several fit rather than that none does. */
function refusedMove(results: readonly Result<ListedCertificate>[]): Fault {
  const refusals = results.flatMap((result) => (result.ok ? [] : [result.refusal]));
  const found = refusals.find(({ code }) => code === 'CONFLICT') ?? refusals[0];
  return new Fault(found?.code ?? 'NOT_FOUND', found?.message ?? 'no device speaks OPC UA');
}

function storesOf(
  { cwd }: CommandContext,
  options: CommandOptions,
): { readonly device: string; readonly pkiDir: string }[] {
  const file = options['config'];
  if (file === undefined) throw new Fault('BAD_INPUT', 'name the config file with --config');
  const loaded = loadConfig(resolve(cwd, file), profileOf);
  if (!loaded.ok) throw new Fault(loaded.refusal.code, `${loaded.refusal.message}: run check`);
  const config = loaded.value;
  const wanted = options['device'];
  const spoken = config.devices.filter(({ opcua }) => opcua !== undefined).map(({ id }) => id);
  // `discover --endpoint … --device ID` meets a server before the config has the device.
  const ids = [...new Set([...spoken, ...metFirst(pkiFolder(config, ''))])];
  const devices = ids.filter((id) => wanted === undefined || id === wanted);
  if (wanted !== undefined && devices.length === 0) {
    throw new Fault('NOT_FOUND', `no device ${wanted} with opcua in ${file}`);
  }
  return devices.map((device) => ({ device, pkiDir: pkiFolder(config, device) }));
}

/** Whose certificates are here, in the config or not. */
function metFirst(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function lineOf(device: string, { file, list, ...certificate }: ListedCertificate): string {
  const { validFromMs, validToMs, ...rest } = certificate;
  return JSON.stringify({
    device,
    list,
    ...rest,
    validFrom: new Date(validFromMs).toISOString(),
    validTo: new Date(validToMs).toISOString(),
    validity: validityAt(certificate, systemClock.nowMs()),
    file,
  });
}
