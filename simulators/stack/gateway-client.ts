import { readFileSync } from 'node:fs';
import type { QuarantinedMessage } from '../check/evidence.ts';

/** What a gateway says of itself, as far as a run needs it. */
export interface GatewayStatus {
  /** Last event of the journal. */
  readonly journalled: number;
  /** Last event that the hub has receipted. */
  readonly committed: number;
  /** Durable entries that are not in the journal yet. */
  readonly intakeBacklog: number;
  readonly uplink: string;
  /** Messages of all devices that the gateway could not read. */
  readonly quarantined: number;
}

interface Health {
  readonly intake: { readonly backlog: number };
  readonly journal: { readonly seq: number };
  readonly uplink: { readonly state: string; readonly backlogEvents: number };
}

interface Devices {
  readonly devices: readonly { readonly quarantined: number }[];
}

/** An engineer at a gateway's own HTTP, with the token of its file. */
export class GatewayClient {
  readonly url: string;
  readonly #tokenFile: string;

  constructor(url: string, tokenFile: string) {
    this.url = url;
    this.#tokenFile = tokenFile;
  }

  /** @returns undefined while the gateway does not answer. */
  async status(): Promise<GatewayStatus | undefined> {
    try {
      const { intake, journal, uplink } = await this.#read<Health>('/health');
      const { devices } = await this.#read<Devices>('/devices');
      return {
        journalled: journal.seq,
        committed: journal.seq - uplink.backlogEvents,
        intakeBacklog: intake.backlog,
        uplink: uplink.state,
        quarantined: devices.reduce((sum, { quarantined }) => sum + quarantined, 0),
      };
    } catch {
      return undefined;
    }
  }

  /** The latest messages that it could not read. @throws Error while the gateway does not answer. */
  async quarantine(device?: string): Promise<readonly QuarantinedMessage[]> {
    const of = device === undefined ? '' : `?${new URLSearchParams({ device })}`;
    const page = await this.#read<{ messages: readonly QuarantinedMessage[] }>(`/quarantine${of}`);
    return page.messages;
  }

  /** Any page. The answer may be a refusal. @throws Error while the gateway does not answer. */
  async ask(path: string): Promise<Response> {
    const token = readFileSync(this.#tokenFile, 'utf8').trim();
    return fetch(this.url + path, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(3000),
    });
  }

  async #read<T>(path: string): Promise<T> {
    const answer = await this.ask(path);
    // A gateway whose health is not good says so with 503, and says what is the matter.
    if (!answer.ok && answer.status !== 503) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as T;
  }
}
