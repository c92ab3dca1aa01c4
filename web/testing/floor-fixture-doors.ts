import type { FloorDoor } from '#contracts/api/floor-doors-api.ts';

/** What goes on at the doors of the invented warehouse. */

const minute = 60_000;

export function fixtureDoors(nowMs: number): FloorDoor[] {
  return [
    {
      portal: 'door-2',
      zone: 'dock-2',
      passing: [],
      last: {
        agreed: ['counter', 'document'],
        certaintyPermille: 983,
        direction: 'in',
        documents: ['ASN-77120'],
        endedAt: nowMs - 4 * minute,
        portal: 'door-2',
        sources: [
          { source: 'counter', units: 48 },
          { source: 'document', units: 48 },
          { source: 'rfid', units: 45 },
        ],
        startedAt: nowMs - 5 * minute,
        units: 48,
      },
      task: null,
    },
    {
      portal: 'door-3',
      zone: 'dock-3',
      passing: [
        {
          direction: 'out',
          documents: ['5512'],
          startedAtMs: nowMs - 20_000,
          lastAtMs: nowMs - 2000,
          sources: [{ source: 'rfid', units: 7 }],
        },
      ],
      last: {
        agreed: ['counter', 'document', 'rfid'],
        certaintyPermille: 999,
        direction: 'out',
        documents: ['5512'],
        endedAt: nowMs - 9 * minute,
        portal: 'door-3',
        sources: [
          { source: 'counter', units: 24 },
          { source: 'document', units: 24 },
          { source: 'rfid', units: 24 },
        ],
        startedAt: nowMs - 11 * minute,
        units: 24,
      },
      task: null,
    },
  ];
}
