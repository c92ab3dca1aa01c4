import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createHubCore } from '../../core.ts';
import { openStore } from '../../store/store.ts';
import { hubKeyOf } from '../hub-key.ts';
import { quiet, realClock, tenant, testMigrations } from './test-hub.ts';

/** A hub of its own process, for tests that kill it: store file, NATS server, key file. */
const [file = '', servers = '', keyFile = ''] = process.argv.slice(2);
const options = { log: quiet, clock: realClock, migrations: testMigrations };
const store = await openStore({ file, ...options });
const hubKey = hubKeyOf(createPrivateKey(readFileSync(keyFile)));
const core = createHubCore({
  store,
  nats: { servers },
  tenant,
  hubKey,
  clock: realClock,
  log: quiet,
});
await core.start();
