import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function JourneyView() {
  return (
    <View title="Order" line="One order's journey.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
