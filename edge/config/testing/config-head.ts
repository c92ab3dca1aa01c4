/** What every gateway config begins with, and is not what a test is about. YAML. */
export const configHead = `
gateway: { tenant: main, site: hamburg, id: gw-1 }
dataDir: data
hub:
  servers: [nats://hub:4222]
  loginSeedFile: keys/login.seed
  signingKeyFile: keys/signing.pem
  publicKey: ${Buffer.alloc(32, 1).toString('base64')}
mqtt: { host: 127.0.0.1, port: 20001, maxConnections: 10 }
http: { host: 127.0.0.1, port: 20002, tokenFile: keys/http.token }
disk: { intakeBudgetBytes: 2000000, floorBytes: 2000000, reserveBytes: 2000000 }
observe: { minReads: 1, absentAfterMs: 1000, moveReads: 1, passWindowMs: 1000 }
posting: { receive: post, move: post, ship: task, confirmReads: 3 }
`;
