import { readFile } from 'node:fs/promises';

export type Reloaded =
  | { readonly reloaded: true; readonly pid: number }
  | { readonly reloaded: false; readonly why: string };

/**
 * Tells a running nats-server to read its configuration again (SIGHUP). A stale pid file may name
 * any process, and SIGHUP ends most: only one that is a nats-server is signalled.
 */
export async function reloadNats(pidFile: string): Promise<Reloaded> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!Number.isInteger(pid) || pid <= 1) return { reloaded: false, why: 'no pid file' };
  const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (command.trim() !== 'nats-server') {
    return { reloaded: false, why: `process ${pid} is no nats-server that this one can see` };
  }
  try {
    process.kill(pid, 'SIGHUP');
  } catch {
    return { reloaded: false, why: `process ${pid} may not be signalled by this user` };
  }
  return { reloaded: true, pid };
}
