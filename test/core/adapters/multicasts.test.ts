import { createUdpMulticast } from '../../../electron/core/adapters/udp-multicast.ts';
import { createAir, homeLink, link } from '../../fakes/air.ts';
import { describeMulticast } from '../../suites/multicast.suite.ts';

describeMulticast('the air of the tests', () => {
  const air = createAir();
  const [one, other] = [air.host(), air.host()];
  one.plug('home', homeLink(1));
  other.plug('home', homeLink(2));
  return {
    one: { multicast: one.multicast, link: homeLink(1) },
    other: { multicast: other.multicast, link: homeLink(2) },
    close: () => undefined,
  };
});

// A system that lets nobody speak to himself by multicast has its turn in test/network.
if (process.platform === 'linux')
  describeMulticast('UDP on the loopback interface', () => {
    const loopback = link('lo', ['127.0.0.1/8']);
    return {
      one: { multicast: createUdpMulticast(), link: loopback },
      other: { multicast: createUdpMulticast(), link: loopback },
      close: () => undefined,
    };
  });
