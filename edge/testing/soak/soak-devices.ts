import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { createInterface, type Interface } from 'node:readline';
import { Fault } from '#contracts/fault.ts';
import type { SoakLoadPlan, SoakLoadState } from './soak-load-plan.ts';

/** Nothing that was started outlives the run. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A script beside this one that is told and tells by lines. */
class DeviceScript {
  readonly lines: Interface;
  readonly #name: string;
  readonly #child;

  constructor(name: string, args: readonly string[]) {
    const script = new URL(name, import.meta.url).pathname;
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.add(child);
    child.once('exit', () => children.delete(child));
    this.lines = createInterface({ input: child.stdout });
    this.#name = name;
    this.#child = child;
  }

  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** @throws Fault UNAVAILABLE once it has ended with a fault, of which it has said why. */
  checkAlive(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === 0 || (exitCode === null && signalCode === null)) return;
    throw new Fault('UNAVAILABLE', `${this.#name} ended with ${String(exitCode ?? signalCode)}`);
  }

  async nextLine(): Promise<string> {
    return await new Promise((resolve, reject) => {
      this.lines.once('line', resolve);
      this.#child.once('exit', (code) =>
        reject(new Fault('UNAVAILABLE', `${this.#name}: ${code}`)),
      );
    });
  }
}

const siteSecondMs = 1000;

/** The server of all PLCs. `pace` says how fast the site's time goes: 0, not at all. */
export async function startPlcs(pkiFolder: string) {
  const script = new DeviceScript('soak-plcs.ts', [pkiFolder, `${siteSecondMs}`]);
  const endpoint = await script.nextLine();
  let told = 1;
  return {
    endpoint,
    checkAlive: () => script.checkAlive(),
    pace(pace: number): void {
      if (pace === told) return;
      told = pace;
      script.tell(String(siteSecondMs / pace));
    },
  };
}

/** The MQTT devices; resolves when all residents were read and acknowledged. */
export async function startLoad(plan: SoakLoadPlan) {
  const script = new DeviceScript('soak-load.ts', [JSON.stringify(plan)]);
  let state = JSON.parse(await script.nextLine()) as SoakLoadState;
  script.lines.on('line', (line) => (state = JSON.parse(line) as SoakLoadState));
  return {
    hold: (isHeld: boolean) => script.tell(isHeld ? 'hold' : 'go'),
    checkAlive: () => script.checkAlive(),
    state: () => state,
  };
}
