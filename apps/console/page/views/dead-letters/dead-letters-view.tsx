import { EmptyState } from '../../parts/states';
import { View } from '../../parts/view';

export default function DeadLettersView() {
  return (
    <View title="Dead letters" line="Messages that no try could handle, by cause.">
      <EmptyState title="Nothing here yet" />
    </View>
  );
}
