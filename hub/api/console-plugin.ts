import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import { Fault } from '#contracts/fault.ts';
import type { HubApp } from './hub-app.ts';

const page = 'index.html';

/**
 * The built console. Only files that were there at the start are served, so no path can lead out
 * of the folder; any other address without a file ending is a screen, which the page itself draws.
 * Names under `assets/` carry a hash of their content and never change; everything else is asked
 * for anew.
 */
export function consolePlugin(folder: string) {
  return async (app: HubApp): Promise<void> => {
    const files = new Set(await filesBelow(folder));
    if (!files.has(page)) {
      app.log.warn({ folder }, 'console.missing');
      return;
    }
    await app.register(fastifyStatic, { root: folder, serve: false, cacheControl: false });
    app.get('/*', { config: { access: 'public' }, schema: { hide: true } }, (request, reply) => {
      const wanted = (request.params as { '*': string })['*'];
      const file = files.has(wanted) ? wanted : screenFor(wanted);
      const immutable = file.startsWith('assets/');
      return reply
        .header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
        .sendFile(file);
    });
  };
}

function screenFor(wanted: string): string {
  const reserved = /^(api|health|metrics)(\/|$)/.test(wanted);
  const [last = ''] = wanted.split('/').slice(-1);
  if (reserved || last.includes('.')) {
    throw new Fault('NOT_FOUND', 'there is nothing at this address');
  }
  return page;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
