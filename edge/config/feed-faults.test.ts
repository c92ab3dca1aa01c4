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

  test('names folders that are not there', () => {
    const targets = [{ id: 'a', file: { folder: '/nowhere/at/all' } }];
    const faults = feedFolderFaults({ documentsFolder: '/nowhere', targets });
    expect(faults.map(({ path }) => path)).toEqual([
      '/feed/documentsFolder',
      '/feed/targets/0/file/folder',
    ]);
  });
});
