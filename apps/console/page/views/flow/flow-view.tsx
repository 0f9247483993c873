import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function FlowView() {
  return (
    <View title="Flow" line="The system as its code declares it, with what is seen on it.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
