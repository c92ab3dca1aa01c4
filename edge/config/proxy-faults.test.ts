import { expect, test } from 'vitest';
import { proxyFaults } from './proxy-faults.ts';

const faultsOf = (...trustedProxies: string[]) =>
  proxyFaults({ http: { host: '0.0.0.0', port: 8090, tokenFile: '/t', trustedProxies } });

test('proxies are addresses and networks', () => {
  expect(faultsOf('10.0.0.7', '10.0.0.0/8', '::1', 'fd00::/8')).toEqual([]);
  expect(faultsOf()).toEqual([]);
});

test.each(['proxy.example', '0.0.0.0/0', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', 'true'])(
  '%s is none, and is said with its place',
  (wrong) => {
    const path = '/http/trustedProxies/1';
    expect(faultsOf('10.0.0.7', wrong)).toMatchObject([{ path, value: wrong }]);
  },
);
