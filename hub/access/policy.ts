/** Everything that a person can ask the hub to show or do. */
export const actions = [
  'stock.read',
  'event.read',
  'fleet.read',
  'fleet.configure',
  'outage.read',
  'task.read',
  'site-person.read',
  'site-person.manage',
  'stream.read',
  'session.own',
] as const;
export type Action = (typeof actions)[number];

export const roles = ['administrator'] as const;
export type Role = (typeof roles)[number];

/** Who is asking. */
export interface Actor {
  readonly username: string;
  readonly role: Role;
}

/** What each role may do. What is not listed is refused. */
const granted: Record<Role, ReadonlySet<Action>> = {
  administrator: new Set(actions),
};

/** The one place that decides what somebody may do. */
export function can(actor: Actor, action: Action): boolean {
  return granted[actor.role].has(action);
}

/** Everything that a role may do, for a page that offers no more. */
export function grantedTo(role: Role): ReadonlySet<Action> {
  return granted[role];
}

export function isRole(word: string): word is Role {
  return (roles as readonly string[]).includes(word);
}
