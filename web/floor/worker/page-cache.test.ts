import { expect, test } from 'vitest';
import { floorPaths } from '#contracts/api/floor-api.ts';
import { answering, cacheName, outdated, type PageShell } from './page-cache.ts';

const shell: PageShell = { version: 'b2', files: ['/floor/', '/floor/assets/index-1.js'] };
const origin = 'https://floor.example';
const ask = (path: string, mode = 'cors', method = 'GET') =>
  answering(shell, { method, mode, url: new URL(path, origin).href }, origin);

test('the worker answers for the page and its files', () => {
  expect(ask('/floor/?screen=count&zone=storage', 'navigate')).toBe('page');
  expect(ask('/floor/assets/index-1.js')).toBe('file');
});

test('it never answers for the API, other origins, other pages, other builds or what changes', () => {
  for (const path of Object.values(floorPaths).filter((each) => each !== floorPaths.page)) {
    expect(ask(path)).toBe('none');
    expect(ask(path, 'navigate')).toBe('none');
  }
  expect(ask('https://elsewhere.example/floor/', 'navigate')).toBe('none');
  expect(ask('/health', 'navigate')).toBe('none');
  expect(ask('/floor/assets/index-0.js')).toBe('none');
  expect(ask('/floor/', 'navigate', 'POST')).toBe('none');
});

test('caches of other builds go, and nobody else’s', () => {
  const names = ['holdfast-floor-b1', cacheName(shell), 'another'];
  expect(outdated(names, shell)).toEqual(['holdfast-floor-b1']);
});
