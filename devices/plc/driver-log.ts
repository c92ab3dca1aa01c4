/** The part of a pino logger that a driver needs: a constant event name and fields. */
export interface DriverLog {
  debug(fields: LogFields): void;
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
}

export interface LogFields {
  readonly event: string;
  readonly [field: string]: unknown;
}
