/** Every path of the hub's API, in one place for server, console and tests. */
export const apiPaths = {
  session: '/api/session',
  stock: '/api/stock',
  movements: '/api/stock/movements',
  event: '/api/events/:gateway/:epoch/:seq',
  rawEvidence: '/api/events/:gateway/:epoch/:seq/evidence',
  fleet: '/api/fleet',
  fleetConfig: '/api/fleet/config',
  /** GET why something of one gateway is in quarantine. */
  fleetQuarantine: '/api/fleet/quarantine',
  configVersions: '/api/config/versions',
  configVersion: '/api/config/versions/:version',
  configPushes: '/api/config/pushes',
  configPushCancel: '/api/config/pushes/:push/cancel',
  outages: '/api/outages',
  stream: '/api/stream',
  openapi: '/api/openapi.json',
  health: '/health',
  metrics: '/metrics',
  /** POST: a new gateway with a token; a gateway's statement on its login. Both signed. */
  enrol: '/api/enrol',
  login: '/api/enrol/login',
  /** POST: a box in the place of another asks for what that one had. Signed. */
  restore: '/api/enrol/restore',
  tasks: '/api/tasks',
  inTransit: '/api/in-transit',
  sitePeople: '/api/site-people',
  sitePerson: '/api/site-people/:person',
  sitePersonRevoke: '/api/site-people/:person/revoke',
} as const;

/** Every path of a gateway's floor page and its API; the page's files lie below `page`. */
export const floorPaths = {
  page: '/floor/',
  /** GET who is signed in, POST sign in, DELETE sign out. */
  session: '/floor/api/session',
  site: '/floor/api/site',
  banner: '/floor/api/banner',
  stock: '/floor/api/stock',
  find: '/floor/api/find',
  documents: '/floor/api/documents',
  document: '/floor/api/document',
  countSheet: '/floor/api/count-sheet',
  tasks: '/floor/api/tasks',
  /** GET `floorTransfers`. */
  transfers: '/floor/api/transfers',
  /** GET `floorDoors`. */
  doors: '/floor/api/doors',
  devices: '/floor/api/devices',
  acts: '/floor/api/acts',
  /** POST an act that lies on a device and is another person's. */
  leftActs: '/floor/api/acts/left',
  /** POST that the person is still there: the session goes on. */
  stay: '/floor/api/session/stay',
  /** Server-sent events, each a `flowMessage`. */
  flow: '/floor/api/flow',
} as const;
