import type * as nodeOpcUa from 'node-opcua';
import type { DriverLog } from './driver-log.ts';

export type OpcUaLibrary = typeof nodeOpcUa;

let loading: Promise<OpcUaLibrary> | undefined;

/**
 * Loads node-opcua at first use: it costs 60 MB and a second, which a gateway without OPC UA does
 * not pay. Its console output goes to the log, at debug level: what matters the driver says
 * itself.
 */
export function loadOpcUa(log: DriverLog): Promise<OpcUaLibrary> {
  loading ??= import('node-opcua').then((library) => {
    const say = (_context: unknown, ...words: unknown[]): void => {
      log.debug({ event: 'opcua.library', words: words.map(String).join(' ').slice(0, 500) });
    };
    library.setWarningLogger(say);
    library.setErrorLogger(say);
    return library;
  });
  return loading;
}
