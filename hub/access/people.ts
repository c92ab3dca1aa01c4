import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { AccessStore } from './access-store.ts';
import { hashPassword } from './password-hash.ts';
import { isRole, type Actor } from './policy.ts';
import type { RandomBytes } from './random-bytes.ts';

/** The people who may sign in. */
export interface People {
  find(username: string): Promise<(Actor & { passwordHash: string }) | undefined>;
  /** Creates a person, or gives an existing one this role and password. */
  put(person: Actor & { password: string }): Promise<void>;
  /** A new password for somebody who exists. All their sessions end with the old one. */
  resetPassword(username: string, password: string): Promise<Result<Actor>>;
}

export const bootstrapUsername = 'administrator';

/** 20 random bytes in base64url: 160 bits, nothing that could be guessed or need changing. */
export function newPassword(random: RandomBytes): string {
  return Buffer.from(random(20)).toString('base64url');
}

export function createPeople(parts: {
  store: AccessStore;
  clock: Clock;
  random: RandomBytes;
}): People {
  const { store, clock, random } = parts;

  async function find(username: string) {
    const row = await store.read
      .selectFrom('access_person')
      .select(['username', 'role', 'password_hash'])
      .where('username', '=', username)
      .executeTakeFirst();
    if (row === undefined || !isRole(row.role)) return undefined;
    return { username: row.username, role: row.role, passwordHash: row.password_hash };
  }

  return {
    find,

    async put({ username, role, password }) {
      const nowMs = clock.nowMs();
      const secret = {
        password_hash: await hashPassword(password, random),
        password_changed_at: nowMs,
      };
      await store.write((db) =>
        db
          .insertInto('access_person')
          .values({ username, role, ...secret, created_at: nowMs })
          .onConflict((conflict) => conflict.column('username').doUpdateSet({ role, ...secret }))
          .execute(),
      );
    },

    async resetPassword(username, password) {
      const person = await find(username);
      if (person === undefined) return refuse('NOT_FOUND', `nobody is called "${username}"`);
      const passwordHash = await hashPassword(password, random);
      await store.write(async (db) => {
        await db
          .updateTable('access_person')
          .set({ password_hash: passwordHash, password_changed_at: clock.nowMs() })
          .where('username', '=', username)
          .execute();
        await db.deleteFrom('access_session').where('username', '=', username).execute();
      });
      return succeed({ username: person.username, role: person.role });
    },
  };
}
