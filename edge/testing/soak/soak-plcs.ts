/**
 * The PLCs of the soak: one OPC UA server, SignAndEncrypt, with the nodes of all twenty; the gateway
 * holds a session to it for each. Arguments: folder of its certificates, milliseconds between two
 * changes of every counter. Prints its endpoint; a line on stdin is another number of milliseconds, or Infinity.
 */
import process from 'node:process';
import { createInterface } from 'node:readline';
import * as opcua from 'node-opcua';
import { plcNamespace, plcNodes, site } from './soak-site.ts';

/** Every machine changes its state, and some alarm is raised or ends, once in so many changes. */
const stateEvery = 120;
const alarmEvery = 600;
/** After a pause, this late at most. */
const longestSleepMs = 100;

const [pkiFolder = '', everyText = '1000'] = process.argv.slice(2);

async function startServer(): Promise<opcua.OPCUAServer> {
  const certificates = new opcua.OPCUACertificateManager({
    rootFolder: pkiFolder,
    automaticallyAcceptUnknownCertificate: true,
  });
  await certificates.initialize();
  const server = new opcua.OPCUAServer({
    port: 0,
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    nodeset_filename: [opcua.nodesets.standard],
    serverCertificateManager: certificates,
    securityModes: [opcua.MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [opcua.SecurityPolicy.Basic256Sha256],
    maxConnectionsPerEndpoint: 2 * site.plcs,
    serverCapabilities: { maxSessions: 2 * site.plcs },
    serverInfo: { applicationUri: 'urn:holdfast:soak:server' },
  });
  await server.initialize();
  return server;
}

interface Nodes {
  readonly counters: opcua.UAVariable[];
  readonly states: opcua.UAVariable[];
  readonly alarms: opcua.UAVariable[];
}

function addNodes(server: opcua.OPCUAServer): Nodes {
  const { addressSpace } = server.engine;
  if (addressSpace === null) throw new Error('the server has no address space');
  const namespace = addressSpace.registerNamespace(plcNamespace);
  const nodes: Nodes = { counters: [], states: [], alarms: [] };
  const lists = { counter: nodes.counters, state: nodes.states, alarm: nodes.alarms };
  for (let plc = 0; plc < site.plcs; plc += 1) {
    const { objects } = addressSpace.rootFolder;
    const folder = namespace.addFolder(objects, { browseName: `plc-${plc}` });
    for (const { name, node, role } of plcNodes(plc)) {
      const dataType = role === 'alarm' ? opcua.DataType.Boolean : opcua.DataType.UInt32;
      const variable = namespace.addVariable({
        browseName: name,
        nodeId: node.slice(node.indexOf(';') + 1),
        componentOf: folder,
        dataType,
        minimumSamplingInterval: 10,
        value: { dataType, value: role === 'alarm' ? false : 1 },
      });
      lists[role].push(variable);
    }
  }
  return nodes;
}

/** All counters count; the turn of a state or an alarm comes by the number of the change. */
function change({ counters, states, alarms }: Nodes, turn: number): void {
  for (const variable of counters) {
    variable.setValueFromSource({ dataType: opcua.DataType.UInt32, value: turn });
  }
  for (let at = turn % stateEvery; at < states.length; at += stateEvery) {
    const value = 4 + (Math.floor(turn / stateEvery) % 3);
    states[at]?.setValueFromSource({ dataType: opcua.DataType.UInt32, value });
  }
  for (let at = turn % alarmEvery; at < alarms.length; at += alarmEvery) {
    const value = Math.floor(turn / alarmEvery) % 2 === 1;
    alarms[at]?.setValueFromSource({ dataType: opcua.DataType.Boolean, value });
  }
}

const server = await startServer();
const nodes = addNodes(server);
await server.start();
process.stdout.write(`${server.getEndpointUrl()}\n`);

let everyMs = Number(everyText);
let turn = 1;
let nextMs = performance.now();
function tick(): void {
  const nowMs = performance.now();
  // One change a turn of the event loop: two at once would be one sample.
  if (nowMs >= nextMs) {
    turn += 1;
    change(nodes, turn);
    nextMs = Math.max(nextMs + everyMs, nowMs);
  }
  setTimeout(tick, Math.min(Math.max(1, nextMs - performance.now()), longestSleepMs));
}
tick();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    everyMs = Number(line);
    nextMs = performance.now() + everyMs;
  })
  .on('close', () => process.exit(0));
