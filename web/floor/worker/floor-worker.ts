import { answering, cacheName, outdated, type PageShell } from './page-cache.ts';

/**
 * Lets a reload show the page while the network between handheld and gateway is cut. The page comes
 * from the gateway where that answers in time, so that a new build is in force at once; its files
 * carry a hash and come from the cache of their build.
 */

/** Put in by the build (worker-plugin.ts). */
declare const __FLOOR_SHELL__: PageShell;

interface WaitingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchedEvent extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** The part of ServiceWorkerGlobalScope that is used: the library for pages does not know it. */
interface WorkerScope {
  readonly caches: CacheStorage;
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
  fetch: typeof fetch;
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: WaitingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchedEvent) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const shell = __FLOOR_SHELL__;

/** A wireless network that is there and carries nothing. */
const longestMs = 3000;

scope.addEventListener('install', (event) => event.waitUntil(keepAll()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const kind = answering(shell, request, scope.location.origin);
  if (kind === 'page') event.respondWith(freshPage(request));
  if (kind === 'file') event.respondWith(keptFile(request));
});

/** All files or none: a build that is half there would be worse than the one before. */
async function keepAll(): Promise<void> {
  const cache = await scope.caches.open(cacheName(shell));
  await Promise.all(
    shell.files.map(async (path) => {
      const response = await scope.fetch(path, { cache: 'no-cache', credentials: 'omit' });
      if (!response.ok || response.redirected) throw new Error(`${path}: ${response.status}`);
      await cache.put(path, response);
    }),
  );
  await scope.skipWaiting();
}

async function takeOver(): Promise<void> {
  const names = await scope.caches.keys();
  await Promise.all(outdated(names, shell).map((name) => scope.caches.delete(name)));
  await scope.clients.claim();
}

async function freshPage(request: Request): Promise<Response> {
  const kept = await keptAt(shell.files[0] ?? '/floor/');
  try {
    const signal = kept === undefined ? null : AbortSignal.timeout(longestMs);
    const response = await scope.fetch(request.url, { signal, redirect: 'manual' });
    // A proxy in front may answer for a gateway that does not.
    return kept !== undefined && response.status >= 500 ? kept : response;
  } catch (error) {
    if (kept === undefined) throw error;
    return kept;
  }
}

async function keptFile(request: Request): Promise<Response> {
  const kept = await keptAt(new URL(request.url).pathname);
  return kept ?? (await scope.fetch(request));
}

async function keptAt(path: string): Promise<Response | undefined> {
  const cache = await scope.caches.open(cacheName(shell));
  return await cache.match(path);
}
