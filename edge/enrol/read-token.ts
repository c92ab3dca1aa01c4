import { enrolmentToken, tokenPrefix, type EnrolmentToken } from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import { validate } from '#contracts/validate.ts';

/**
 * What a token says. White space that a mail or a terminal put into it does no harm.
 *
 * @throws Fault BAD_INPUT, which quotes nothing of it.
 */
export function readToken(text: string): EnrolmentToken {
  const compact = text.replace(/\s+/g, '');
  if (!compact.startsWith(tokenPrefix)) {
    throw new Fault('BAD_INPUT', `an enrolment token begins with ${tokenPrefix}: copy all of it`);
  }
  let value: unknown;
  try {
    const bytes = Buffer.from(compact.slice(tokenPrefix.length), 'base64url');
    value = JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw damaged();
  }
  const token = validate(enrolmentToken, value);
  if (!token.ok) throw damaged();
  return token.value;
}

/** The parser's own words would quote the token. */
function damaged(): Fault {
  return new Fault('BAD_INPUT', 'the enrolment token is damaged: copy all of it, without changes');
}
