/** One thing that is wrong with a config file, as the person who wrote it needs to hear it. */
export interface ConfigFault {
  /** JSON pointer into the file. */
  readonly path: string;
  /** Both count from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly value: unknown;
  readonly message: string;
  readonly remedy: string;
}

/** One line for a terminal or a log. */
export function describeFault(fault: ConfigFault): string {
  const { line, column = 1 } = fault;
  const where = line === undefined ? '' : ` (line ${line}:${column})`;
  const found = fault.value === undefined ? '' : `, found ${shorten(fault.value)}`;
  return `${fault.path || '/'}${where}: ${fault.message}${found}. ${fault.remedy}`;
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
