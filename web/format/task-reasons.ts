/** Reasons of tasks that devices and policies give as a code, in words. */
const reasons: Readonly<Record<string, string>> = {
  'direction-unclear': 'It went through a door, and it is not clear which way.',
  'receive-policy': 'It came in; here a person confirms that.',
  'move-policy': 'It was seen in another zone; here a person confirms moves.',
  'ship-policy': 'It went out; here a person confirms that.',
  'ship-unverified': 'It may have gone out; too few reads say so.',
  'handling-unit': 'A unit came that no document announced.',
  'unknown-epc': 'A tag that is no item of ours.',
  'not-an-item': 'A tag of something else than goods.',
  'too-many-unknown-tags': 'More unknown tags are heard than can be kept; look for their source.',
};

/** A code in words; what else stands there is words already. */
export function taskReasonWords(reason: string): string {
  return reasons[reason] ?? reason;
}
