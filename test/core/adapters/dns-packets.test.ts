import { describe, expect, test } from 'vitest';
import { messageOf } from '../../../electron/core/adapters/dns-packets.ts';
import { fc } from '../../fakes/properties.ts';

describe('a packet that was decoded', () => {
  test('becomes a message of what we know, and nothing else of it does', () => {
    expect(
      messageOf({
        type: 'response',
        opcode: 'QUERY',
        answers: [
          { type: 'PTR', name: 'a', ttl: 1, data: 'b' },
          { type: 'NSEC', name: 'a', ttl: 1, data: {} },
          { type: 'SRV', name: 'a', ttl: 1, data: { target: 'c', port: 7, weight: 0 } },
        ],
        additionals: [
          { type: 'TXT', name: 'a', ttl: 1, data: Buffer.from('x') },
          { type: 'TXT', name: 'a', ttl: 1, data: [Buffer.from('x'), 'y'] },
          { type: 'OPT', name: '.', options: [] },
        ],
      }),
    ).toEqual({
      kind: 'response',
      records: [
        { type: 'PTR', name: 'a', ttlS: 1, target: 'b' },
        { type: 'SRV', name: 'a', ttlS: 1, target: 'c', port: 7 },
        { type: 'TXT', name: 'a', ttlS: 1, texts: [Buffer.from('x')] },
        { type: 'TXT', name: 'a', ttlS: 1, texts: [Buffer.from('x')] },
      ],
    });
    expect(messageOf({ type: 'query', opcode: 'UPDATE', questions: [] })).toBeUndefined();
  });

  test('of whatever shape never makes anybody throw', () => {
    const packet = fc.record(
      {
        type: fc.oneof(fc.constantFrom('query', 'response'), fc.anything()),
        opcode: fc.oneof(fc.constant('QUERY'), fc.anything()),
        questions: fc.oneof(fc.array(fc.anything()), fc.anything()),
        answers: fc.array(
          fc.oneof(
            fc.record({
              type: fc.constantFrom('PTR', 'SRV', 'TXT', 'A', 'AAAA'),
              name: fc.oneof(fc.string(), fc.anything()),
              ttl: fc.oneof(fc.nat(), fc.anything()),
              data: fc.anything(),
            }),
            fc.anything(),
          ),
        ),
        additionals: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(packet, (raw) => void messageOf(raw)));
  });
});
