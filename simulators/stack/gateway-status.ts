/** What a gateway says of itself at `/health`, as far as a run needs it. */
export interface GatewayStatus {
  /** Last event of the journal. */
  readonly journalled: number;
  /** Last event that the hub has receipted. */
  readonly committed: number;
  /** Durable entries that are not in the journal yet. */
  readonly intakeBacklog: number;
  readonly uplink: string;
}

interface Health {
  readonly intake: { readonly backlog: number };
  readonly journal: { readonly seq: number };
  readonly uplink: { readonly state: string; readonly backlogEvents: number };
}

/** @returns undefined while the gateway does not answer. */
export async function gatewayStatus(httpUrl: string): Promise<GatewayStatus | undefined> {
  try {
    const response = await fetch(`${httpUrl}/health`, { signal: AbortSignal.timeout(3000) });
    const { intake, journal, uplink } = (await response.json()) as Health;
    return {
      journalled: journal.seq,
      committed: journal.seq - uplink.backlogEvents,
      intakeBacklog: intake.backlog,
      uplink: uplink.state,
    };
  } catch {
    return undefined;
  }
}
