import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeFaults } from '#contracts/config-faults.ts';
import { newSitePerson, sitePersonChange } from '#contracts/api/site-people-api.ts';
import { Fault, type Result } from '#contracts/fault.ts';
import { parseIsoTime } from '#contracts/time.ts';
import type { Static, TSchema } from 'typebox';
import { loadHubSecrets } from '../provision/hub-secrets.ts';
import { SitePeopleDesk } from '../site-people/site-people.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { requiredOption } from './option.ts';
import { orFault } from './or-fault.ts';
import { patiently, withStore } from './with-store.ts';

const text = { type: 'string' } as const;
const terms = {
  name: text,
  role: text,
  sites: text,
  zones: text,
  'password-file': text,
  'limit-entry': text,
  'limit-total': text,
  'offline-days': text,
};
const termsUsage =
  '[--zones ZONE,ZONE] [--limit-entry UNITS] [--limit-total UNITS] [--offline-days DAYS]';

export const listSitePeopleCommand: Command = {
  name: 'person list',
  usage: '--config FILE',
  summary: 'who may sign in at the floor pages of which sites, one JSON line each',
  options: { config: text },
  async run(context, options) {
    await withDesk(context, options, async (desk) => {
      const { people } = await desk.list();
      for (const person of people) await context.out(person);
    });
  },
};

export const addSitePersonCommand: Command = {
  name: 'person add',
  usage:
    '--config FILE --username NAME --name NAME --role ROLE --sites SITE,SITE --password-file FILE ' +
    termsUsage,
  summary: 'let somebody sign in at the floor pages of some sites; FILE may be - for stdin',
  options: { config: text, username: text, ...terms },
  async run(context, options) {
    const person = checked(newSitePerson, {
      username: requiredOption(options, 'username'),
      ...(await termsOf(context, options)),
    });
    await withDesk(context, options, async (desk) => {
      await context.out(orFault(await patiently(() => desk.add(person))));
    });
  },
};

export const changeSitePersonCommand: Command = {
  name: 'person change',
  usage:
    '--config FILE --username NAME [--name NAME] [--role ROLE] [--sites SITE,SITE] ' +
    `[--password-file FILE] ${termsUsage}`,
  summary: 'other rights, sites or another password; what is left out stays, --zones all is all',
  options: { config: text, username: text, ...terms },
  async run(context, options) {
    const change = checked(sitePersonChange, await termsOf(context, options));
    await withDesk(context, options, async (desk) => {
      const id = await idOf(desk, requiredOption(options, 'username'));
      await context.out(orFault(await patiently(() => desk.change(id, change))));
    });
  },
};

export const revokeSitePersonCommand: Command = {
  name: 'person revoke',
  usage: '--config FILE --username NAME [--at TIME]',
  summary: "end somebody's rights, now or at a past time (ISO 8601): what came since is reviewed",
  options: { config: text, username: text, at: text },
  async run(context, options) {
    const { at } = options;
    const atMs = at === undefined ? undefined : parseIsoTime(String(at));
    if (at !== undefined && atMs === undefined) {
      throw new Fault('BAD_INPUT', '--at takes a past time such as 2026-11-22T08:00:00Z');
    }
    await withDesk(context, options, async (desk) => {
      const id = await idOf(desk, requiredOption(options, 'username'));
      await context.out(
        orFault(await patiently((): Promise<Result<unknown>> => desk.revoke(id, atMs))),
      );
    });
  },
};

async function withDesk(
  context: CommandContext,
  options: CommandOptions,
  work: (desk: SitePeopleDesk) => Promise<void>,
): Promise<void> {
  const { clock, log, random } = context;
  await withStore(context, options, async (store, config) => {
    const { key } = await loadHubSecrets(config.keysDir);
    const author = { tenant: config.tenant, key, clock };
    await work(new SitePeopleDesk({ store, author, random, log }));
  });
}

async function idOf(desk: SitePeopleDesk, username: string): Promise<string> {
  const { people } = await desk.list();
  const wanted = username.trim().toLowerCase();
  const found = people.find((person) => person.username.toLowerCase() === wanted);
  if (found !== undefined) return found.id;
  throw new Fault('NOT_FOUND', `nobody is called "${username}": person list says who there is`);
}

async function termsOf(context: CommandContext, options: CommandOptions) {
  const { name, role, sites, zones } = options;
  const file = options['password-file'];
  return {
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...(sites !== undefined && { sites: String(sites).split(',') }),
    ...(zones !== undefined && { zones: zones === 'all' ? null : String(zones).split(',') }),
    ...(file !== undefined && { password: await passwordIn(context, String(file)) }),
    ...whole(options, 'limit-entry', 'limitEntry'),
    ...whole(options, 'limit-total', 'limitTotal'),
    ...whole(options, 'offline-days', 'offlineDays'),
  };
}

/** Never in an argument, where other users of the machine could see it. */
async function passwordIn(context: CommandContext, file: string): Promise<string> {
  const read = file === '-' ? context.input() : readFile(resolve(context.cwd, file), 'utf8');
  return (await read).replace(/\r?\n$/, '');
}

function whole(options: CommandOptions, option: string, key: string): Record<string, number> {
  const value = options[option];
  return value === undefined ? {} : { [key]: Number(value) };
}

/** @throws Fault BAD_INPUT naming the first field that is wrong; a password is not repeated. */
function checked<S extends TSchema>(schema: S, value: object): Static<S> {
  const [fault] = describeFaults(schema, value);
  if (fault === undefined) return value as Static<S>;
  const shown = fault.path.includes('password') ? 'not shown' : JSON.stringify(fault.value);
  throw new Fault('BAD_INPUT', `${fault.path || 'it'} is ${shown ?? 'missing'}: ${fault.remedy}`);
}
