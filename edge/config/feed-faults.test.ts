import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../testing/test-parts.ts';
import { feedFaults, feedFolderFaults } from './feed-faults.ts';

const webhook = { url: 'https://wms.example/events', secretFile: '/keys/wms' };

describe('the feed of a config', () => {
  test('that is right has no faults', () => {
    expect(feedFaults(undefined)).toEqual([]);
    const targets = [
      { id: 'a', webhook },
      { id: 'b', mqtt: { url: 'mqtts://broker.example', topic: 'wms' } },
      { id: 'c', file: { folder: '/srv' } },
    ];
    expect(feedFaults({ targets })).toEqual([]);
    const folder = tempDir();
    expect(feedFolderFaults({ documentsFolder: folder })).toEqual([]);
  });

  test.each([
    ['leads nowhere', [{ id: 'a' }], '/feed/targets/0'],
    ['leads to two places', [{ id: 'a', webhook, file: { folder: '/' } }], '/feed/targets/0'],
    [
      'has one id twice',
      [
        { id: 'a', webhook },
        { id: 'a', webhook },
      ],
      '/feed/targets/1/id',
    ],
    ...['http://127.0.0.1:9/', 'https://wms.example:6000/x'].map(
      (url) =>
        [
          `posts to ${url}, where nobody is ever called`,
          [{ id: 'a', webhook: { ...webhook, url } }],
          '/feed/targets/0/webhook/url',
        ] as const,
    ),
    [
      'keeps less than one file',
      [{ id: 'a', file: { folder: '/', rotateBytes: 4096, keepBytes: 2048 } }],
      '/feed/targets/0/file/keepBytes',
    ],
    [
      'keeps less than one file of the length that is meant where none is said',
      [{ id: 'a', file: { folder: '/', keepBytes: 2 ** 20 } }],
      '/feed/targets/0/file/keepBytes',
    ],
    [
      'rotates later than it may keep where nothing else is said',
      [{ id: 'a', file: { folder: '/', rotateBytes: 2 ** 31 } }],
      '/feed/targets/0/file/keepBytes',
    ],
    ...['file:///etc/passwd', 'data:text/plain,x', 'ftp://wms', 'wms.example', 'https://'].map(
      (url) =>
        [
          `posts to ${url}`,
          [{ id: 'a', webhook: { ...webhook, url } }],
          '/feed/targets/0/webhook/url',
        ] as const,
    ),
    [
      'has a password in an address',
      [{ id: 'a', webhook: { ...webhook, url: 'https://u:hunter2@wms.example/' } }],
      '/feed/targets/0/webhook/url',
    ],
    [
      'publishes over HTTP',
      [{ id: 'a', mqtt: { url: 'http://broker', topic: 't' } }],
      '/feed/targets/0/mqtt/url',
    ],
    [
      'has a password for nobody',
      [{ id: 'a', mqtt: { url: 'mqtt://broker', topic: 't', passwordFile: '/p' } }],
      '/feed/targets/0/mqtt',
    ],
  ] as const)('is wrong where it %s', (_, targets, path) => {
    const faults = feedFaults({ targets });
    expect(faults.map((fault) => fault.path)).toEqual([path]);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  test('has no folder twice, however it is written', () => {
    const folder = tempDir();
    symlinkSync(folder, join(folder, 'link'));
    const own = join(folder, 'own');
    mkdirSync(own);
    const targets = [folder, own, `${own}/../own/`, join(folder, 'link')].map((of, index) => ({
      id: `t${index}`,
      file: { folder: of },
    }));
    const faults = feedFolderFaults({ targets });
    expect(faults.map(({ path, message }) => [path, message])).toEqual([
      ['/feed/targets/2/file/folder', 'is the folder of /feed/targets/1 too'],
      ['/feed/targets/3/file/folder', 'is the folder of /feed/targets/0 too'],
    ]);
  });

  test('names folders that are not there', () => {
    const targets = [{ id: 'a', file: { folder: '/nowhere/at/all' } }];
    const faults = feedFolderFaults({ documentsFolder: '/nowhere', targets });
    expect(faults.map(({ path }) => path)).toEqual([
      '/feed/documentsFolder',
      '/feed/targets/0/file/folder',
    ]);
  });
});
