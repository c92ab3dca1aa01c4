import { runTool } from './run-tool.ts';

/** What `hub init` prints. */
export interface HubFacts {
  readonly config: string;
  readonly natsConfig: string;
  readonly publicKey: string;
  readonly url: string;
  readonly administrator: { readonly username: string; readonly password: string };
}

/** What `gateway init` prints. */
export interface GatewayFacts {
  readonly config: string;
  readonly publicNkey: string;
  readonly signingPublicKey: string;
}

/** Sets a hub up in an empty folder, as docs/operations.md does. @throws ToolFailed */
export async function setUpHub(
  dir: string,
  ports: { readonly nats: number; readonly http: number },
): Promise<HubFacts> {
  const options = { dir, 'nats-port': String(ports.nats), 'http-port': String(ports.http) };
  return JSON.parse(await runTool({ part: 'hub', command: 'init', options })) as HubFacts;
}

/** Sets a gateway up in an empty folder and lets the hub know of it. @throws ToolFailed */
export async function setUpGateway(
  dir: string,
  { site, id }: { readonly site: string; readonly id: string },
  hub: HubFacts,
  more: Readonly<Record<string, string>> = {},
): Promise<GatewayFacts> {
  const options = { dir, site, id, ...more };
  const printed = await runTool({ part: 'edge', command: 'init', options });
  const facts = JSON.parse(printed) as GatewayFacts;
  const { publicNkey: nkey, signingPublicKey } = facts;
  await runTool({
    part: 'hub',
    command: 'gateway add',
    options: { config: hub.config, site, id, nkey, 'signing-key': signingPublicKey },
  });
  return facts;
}
