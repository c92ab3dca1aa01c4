import { Fault } from '#contracts/fault.ts';
import type { Store } from './store/store.ts';

/** A store that remembers whether its disk was full when it was last written to. */
export interface WatchedStore extends Store {
  state(): 'ok' | 'full';
}

/** Watches every write, so that health can say why events wait. */
export function watchStore(store: Store): WatchedStore {
  let full = false;
  return {
    read: store.read,
    async write(work) {
      try {
        const value = await store.write(work);
        full = false;
        return value;
      } catch (error) {
        if (error instanceof Fault && error.code === 'STORE_FULL') full = true;
        throw error;
      }
    },
    close: () => store.close(),
    state: () => (full ? 'full' : 'ok'),
  };
}
