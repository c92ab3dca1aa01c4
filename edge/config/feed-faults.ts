import { statSync, type BigIntStats } from 'node:fs';
import { isBlockedPort } from './blocked-ports.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import {
  defaultKeepBytes,
  defaultRotateBytes,
  type FeedConfig,
  type FeedTargetConfig,
} from './feed-config.ts';
import type { Sound } from '#contracts/sound-part.ts';

const sinks = ['webhook', 'file', 'mqtt'] as const;
const schemes = { webhook: ['http:', 'https:'], mqtt: ['mqtt:', 'mqtts:'] } as const;

/** What is wrong between the fields of a feed. Paths of folders may still be relative. */
export function feedFaults({ targets = [] }: Sound<FeedConfig> = {}): ConfigFault[] {
  const seen = new Map<string, number>();
  return targets.flatMap((target, index) => {
    if (target === undefined) return [];
    const path = `/feed/targets/${index}`;
    return [
      ...duplicateFaults(path, target.id, index, seen),
      ...sinkFaults(path, target),
      ...urlFaults(`${path}/webhook/url`, target.webhook?.url, schemes.webhook),
      ...portFaults(`${path}/webhook/url`, target.webhook?.url),
      ...roomFaults(`${path}/file`, target.file),
      ...urlFaults(`${path}/mqtt/url`, target.mqtt?.url, schemes.mqtt),
      ...halfSignInFaults(`${path}/mqtt`, target.mqtt),
    ];
  });
}

/**
 * Folders that are not there: a typing error must not make a folder that nobody looks into. And one
 * folder for two targets, however it is written: each would cut off and close what the other wrote.
 */
export function feedFolderFaults({
  documentsFolder,
  targets = [],
}: Sound<FeedConfig> = {}): ConfigFault[] {
  const firstOf = new Map<string, number>();
  return [
    ...folderFaults('/feed/documentsFolder', documentsFolder),
    ...targets.flatMap((target, index) => {
      const path = `/feed/targets/${index}/file/folder`;
      const folder = target?.file?.folder;
      return [...folderFaults(path, folder), ...sharedFaults(path, folder, index, firstOf)];
    }),
  ];
}

/** By device and inode: a link, or another spelling, is the same folder. */
function sharedFaults(
  path: string,
  folder: string | undefined,
  index: number,
  firstOf: Map<string, number>,
): ConfigFault[] {
  const stat = folder === undefined ? undefined : statOf(folder);
  if (stat === undefined) return [];
  const key = `${stat.dev}:${stat.ino}`;
  const first = firstOf.get(key);
  if (first === undefined) {
    firstOf.set(key, index);
    return [];
  }
  const message = `is the folder of /feed/targets/${first} too`;
  return [{ path, value: folder, message, remedy: 'Give each target a folder of its own.' }];
}

function duplicateFaults(
  path: string,
  id: string | undefined,
  index: number,
  seen: Map<string, number>,
): ConfigFault[] {
  if (id === undefined) return [];
  const first = seen.get(id);
  if (first === undefined) {
    seen.set(id, index);
    return [];
  }
  const message = `is the same as /feed/targets/${first}/id`;
  return [{ path: `${path}/id`, value: id, message, remedy: 'Give each one a name of its own.' }];
}

function sinkFaults(path: string, target: Sound<FeedTargetConfig>): ConfigFault[] {
  const named = sinks.filter((sink) => target[sink] !== undefined);
  if (named.length === 1) return [];
  const message = named.length === 0 ? 'leads nowhere' : `leads to ${named.join(' and ')} at once`;
  const remedy = 'Say exactly one of webhook, file and mqtt; more are targets of their own.';
  return [{ path, value: target.id, message, remedy }];
}

function urlFaults(
  path: string,
  text: string | undefined,
  allowed: readonly string[],
): ConfigFault[] {
  if (text === undefined) return [];
  const begin = allowed.map((scheme) => `${scheme}//`).join(' or ');
  const url = URL.parse(text);
  if (url === null || !allowed.includes(url.protocol) || url.hostname === '') {
    const message = `is no address that begins with ${begin}`;
    return [{ path, value: undefined, message, remedy: 'Write the whole address, with host.' }];
  }
  if (url.username === '' && url.password === '') return [];
  const remedy = 'Take user and password out of the address; secrets stand in files.';
  return [{ path, value: undefined, message: 'has a sign-in in it', remedy }];
}

/** `fetch` never calls these (WHATWG Fetch, "bad port"). */
function portFaults(path: string, text: string | undefined): ConfigFault[] {
  const port = URL.parse(text ?? '')?.port ?? '';
  if (port === '' || !isBlockedPort(Number(port))) return [];
  const message = 'names a port that is blocked for HTTP: it belongs to another protocol';
  return [{ path, value: port, message, remedy: 'Let the receiver listen at another port.' }];
}

/** The file that is being written counts: with less room than it takes it is never closed in time. */
function roomFaults(path: string, file: Sound<FeedTargetConfig>['file']): ConfigFault[] {
  if (file === undefined) return [];
  const { keepBytes = defaultKeepBytes, rotateBytes = defaultRotateBytes } = file;
  if (keepBytes >= rotateBytes) return [];
  const given = file.rotateBytes === undefined ? `${rotateBytes}, the default` : `${rotateBytes}`;
  const message = `is less than rotateBytes (${given}): not even one file fits`;
  const remedy = 'Raise keepBytes, to several times rotateBytes, or lower rotateBytes.';
  return [{ path: `${path}/keepBytes`, value: file.keepBytes, message, remedy }];
}

function halfSignInFaults(path: string, mqtt: Sound<FeedTargetConfig>['mqtt']): ConfigFault[] {
  if (mqtt?.passwordFile === undefined || mqtt.username !== undefined) return [];
  const message = 'has a password for nobody';
  return [{ path, value: mqtt.passwordFile, message, remedy: 'Add username.' }];
}

function folderFaults(path: string, folder: string | undefined): ConfigFault[] {
  if (folder === undefined) return [];
  if (statOf(folder)?.isDirectory() === true) return [];
  const message = 'names a folder that is not there';
  const remedy = 'Create it, for the gateway and whoever uses it with it.';
  return [{ path, value: folder, message, remedy }];
}

/** Undefined where it is not there, or nobody may look. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
