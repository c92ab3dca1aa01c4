import type { Logger } from 'pino';
import type {
  EnrolmentRequest,
  LoginStatement,
  SignedEnrolmentAnswer,
  SignedLoginAnswer,
} from '#contracts/enrolment.ts';
import type { Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { HubKey } from '../intake/hub-key.ts';
import type { Store } from '../store/store.ts';
import { changeLogin } from './change-login.ts';
import { enrolGateway } from './enrol-gateway.ts';

/** What letting gateways in needs from the rest of the hub. */
export interface EnrolParts {
  readonly store: Store;
  readonly tenant: string;
  /** Signs the answers. */
  readonly key: HubKey;
  /** Where gateways dial; never empty. */
  readonly natsServers: readonly string[];
  /** PEM of the private CA that they have to trust now, if any. */
  readonly ca?: () => Promise<string | undefined>;
  /** A registration changed. */
  registered(): Promise<void>;
  /** Brings the rights to NATS. @returns what is left for a person to do, or null. */
  grant(): Promise<{ readonly next: string | null }>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What gateways ask for themselves. */
export interface Enrolment {
  enrol(request: EnrolmentRequest): Promise<Result<SignedEnrolmentAnswer>>;
  login(statement: LoginStatement): Promise<Result<SignedLoginAnswer>>;
}

export function createEnrolment(parts: EnrolParts): Enrolment {
  return {
    enrol: (request) => enrolGateway(parts, request),
    login: (statement) => changeLogin(parts, statement),
  };
}
