import { statSync } from 'node:fs';
import type { ConfigFault } from '#contracts/config-fault.ts';
import type { FeedConfig, FeedTargetConfig } from './feed-config.ts';
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
      ...urlFaults(`${path}/mqtt/url`, target.mqtt?.url, schemes.mqtt),
      ...halfSignInFaults(`${path}/mqtt`, target.mqtt),
    ];
  });
}

/** Folders that are not there: a typing error must not make a folder that nobody looks into. */
export function feedFolderFaults({
  documentsFolder,
  targets = [],
}: Sound<FeedConfig> = {}): ConfigFault[] {
  return [
    ...folderFaults('/feed/documentsFolder', documentsFolder),
    ...targets.flatMap((target, index) =>
      folderFaults(`/feed/targets/${index}/file/folder`, target?.file?.folder),
    ),
  ];
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

function halfSignInFaults(path: string, mqtt: Sound<FeedTargetConfig>['mqtt']): ConfigFault[] {
  if (mqtt?.passwordFile === undefined || mqtt.username !== undefined) return [];
  const message = 'has a password for nobody';
  return [{ path, value: mqtt.passwordFile, message, remedy: 'Add username.' }];
}

function folderFaults(path: string, folder: string | undefined): ConfigFault[] {
  if (folder === undefined) return [];
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return [];
  const message = 'names a folder that is not there';
  const remedy = 'Create it, for the gateway and whoever uses it with it.';
  return [{ path, value: folder, message, remedy }];
}
