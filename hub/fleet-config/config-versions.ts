import type { ConfigVersion, ConfigVersionText } from '#contracts/api/config-api.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { sha256Hex } from '../intake/wire-crypto.ts';
import type { Store } from '../store/store.ts';
import { checkConfigText } from './check-config-text.ts';
import type { FleetConfigTables, ConfigVersionTable } from './fleet-config-tables.ts';

const listed = 200;

/** Keeps a text as the next version, for good. @returns refusal CONFIG_INVALID. */
export async function addConfigVersion(
  store: Store,
  clock: Clock,
  of: { readonly text: string; readonly note: string; readonly author: string },
): Promise<Result<ConfigVersion>> {
  const checked = checkConfigText(of.text);
  if (!checked.ok) return checked;
  return await store.write(async (tx) => {
    const db = tx.db.withTables<FleetConfigTables>();
    const last = await db
      .selectFrom('config_version')
      .select(({ fn }) => fn.max('version').as('version'))
      .executeTakeFirst();
    const row: ConfigVersionTable = {
      version: (last?.version ?? 0) + 1,
      hash: sha256Hex(of.text),
      text: of.text,
      note: of.note,
      author: of.author,
      created_at: clock.nowMs(),
    };
    await db.insertInto('config_version').values(row).execute();
    return succeed(shown(row));
  });
}

/** The latest versions, newest first. */
export async function listConfigVersions(store: Store): Promise<ConfigVersion[]> {
  const rows = await store.read
    .withTables<FleetConfigTables>()
    .selectFrom('config_version')
    .selectAll()
    .orderBy('version', 'desc')
    .limit(listed)
    .execute();
  return rows.map(shown);
}

/** @returns refusal NOT_FOUND. */
export async function readConfigVersion(
  store: Store,
  version: number,
): Promise<Result<ConfigVersionText>> {
  const row = await store.read
    .withTables<FleetConfigTables>()
    .selectFrom('config_version')
    .selectAll()
    .where('version', '=', version)
    .executeTakeFirst();
  if (row === undefined) return refuse('NOT_FOUND', `there is no version ${version}`);
  return succeed({ ...shown(row), text: row.text });
}

function shown({ created_at: createdAt, text, ...row }: ConfigVersionTable): ConfigVersion {
  const { author, hash, note, version } = row;
  return { author, bytes: Buffer.byteLength(text), createdAt, hash, note, version };
}
