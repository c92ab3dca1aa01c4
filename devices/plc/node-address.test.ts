import { describe, expect, test } from 'vitest';
import { parseNodeAddress, resolveNode, stableNodeText } from './node-address.ts';

const namespaces = ['http://opcfoundation.org/UA/', 'urn:plc', 'urn:with;semicolon%'];

describe('node addresses', () => {
  test.each([
    ['nsu=urn:plc;s=Line1.Count', 'ns=1;s=Line1.Count'],
    ['nsu=urn:plc;s="DB1"."a;b=c"', 'ns=1;s="DB1"."a;b=c"'],
    ['nsu=urn:with%3Bsemicolon%25;i=7', 'ns=2;i=7'],
    ['i=2258', 'ns=0;i=2258'],
    ['nsu=urn:nobody;i=7', undefined],
  ])('%s is %s on this server', (text, nodeId) => {
    const address = parseNodeAddress(text);
    expect(address && resolveNode(address, namespaces)).toBe(nodeId);
  });

  test.each(['', 'ns=1;i=7', 'nsu=urn:plc', 'nsu=urn:plc;x=7', 'nsu=urn:plc;i=seven', 'Line1'])(
    '"%s" is no address: an index alone means something else after the next restart',
    (text) => {
      expect(parseNodeAddress(text)).toBeUndefined();
    },
  );

  test('the text of a node id is an address again', () => {
    for (const nodeId of ['ns=2;i=7', 'ns=1;s=a;b']) {
      const address = parseNodeAddress(stableNodeText(nodeId, namespaces));
      expect(address && resolveNode(address, namespaces)).toBe(nodeId);
    }
    expect(stableNodeText('i=85', namespaces)).toBe('nsu=http://opcfoundation.org/UA/;i=85');
    expect(stableNodeText('ns=9;i=1', namespaces)).toBe('ns=9;i=1');
  });
});
