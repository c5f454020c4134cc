// Whoever imports Drumlin sees the store and its windows too.
@_exported public import ColumnFormat
@_exported public import ColumnStore
@_exported public import ColumnViews
