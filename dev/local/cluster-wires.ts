import type { NodePlace } from './rabbitmq-settings';
import { PortMapper } from './port-mapper';
import { TcpTap } from './tcp-tap';

/** The node's name before the `@`, as Erlang's nodes ask for each other. */
const shortOf = ({ name }: NodePlace) => name.replace(/@.*/, '');

/**
 * The wires between the nodes of a cluster: each node reaches each other one by a tap of its own,
 * because the port mapper that it asks says so. Without root, and on any system.
 */
export class ClusterWires {
  private readonly mappers: PortMapper[] = [];
  private readonly taps: { from: string; to: string; tap: TcpTap }[] = [];

  static async open(places: readonly NodePlace[]): Promise<ClusterWires> {
    const wires = new ClusterWires();
    for (const place of places) {
      const from = shortOf(place);
      for (const other of places) {
        const tap = await TcpTap.open(`tcp://127.0.0.1:${other.ports.dist}`);
        wires.taps.push({ from, to: shortOf(other), tap });
      }
      const route = (to: string) => {
        const there = wires.taps.find((one) => one.from === from && one.to === to);
        if (there !== undefined) return Number(new URL(there.tap.url).port);
        // A command, which nodes answer all together: it has registered with one of them.
        const [port] = wires.mappers.flatMap(({ registered }) => registered.get(to) ?? []);
        return port;
      };
      wires.mappers.push(await PortMapper.open(place.ports.epmd, route));
    }
    return wires;
  }

  /** Nothing passes between it and the others, and nobody is told: a network that is gone. */
  cutOff(place: NodePlace): void {
    for (const tap of this.of(place)) tap.freeze();
  }

  rejoin(place: NodePlace): void {
    for (const tap of this.of(place)) tap.thaw();
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.taps.map(({ tap }) => tap), ...this.mappers].map((one) => one.close()),
    );
  }

  private of(place: NodePlace): TcpTap[] {
    const name = shortOf(place);
    return this.taps.filter(({ from, to }) => from === name || to === name).map(({ tap }) => tap);
  }
}
