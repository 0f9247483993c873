import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function TopologyView() {
  return (
    <View title="Topology" line="What is declared against what the broker has.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
