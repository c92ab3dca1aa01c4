/** What stands under a section: `list` entries are objects, named by `key` where they have names. */
export interface ConfigSection {
  readonly form: 'list' | 'object';
  readonly key?: 'id' | 'item';
}

/**
 * The sections of a gateway's configuration that the hub may say. All else is the gateway's own: who
 * it is, where it listens, which hub it believes, how much disk it may fill.
 */
export const siteSections: ReadonlyMap<string, ConfigSection> = new Map<string, ConfigSection>([
  ['devices', { form: 'list', key: 'id' }],
  ['items', { form: 'list', key: 'item' }],
  ['limits', { form: 'object' }],
  ['observe', { form: 'object' }],
  ['plcTemplates', { form: 'list', key: 'id' }],
  ['portals', { form: 'list', key: 'id' }],
  ['posting', { form: 'object' }],
  ['zones', { form: 'list', key: 'id' }],
]);

/** The others: one may stand in a pushed text as it is at the gateway. */
export const ownSections: ReadonlySet<string> = new Set([
  'gateway',
  'configOwner',
  'dataDir',
  'hub',
  'mqtt',
  'http',
  'floor',
  'disk',
  'evidence',
  'feed',
]);
