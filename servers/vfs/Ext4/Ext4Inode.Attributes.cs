using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

// Extended attributes: none is kept in memory but what lies in the inode's record.
internal abstract partial class Ext4Inode
{
    // Whether it may have file capabilities: until somebody has looked, if it has attributes at all.
    private bool? mayHaveCapabilities;

    public override Errno GetExtendedAttribute(OperationContext context, ReadOnlySpan<byte> name, out byte[] value)
    {
        value = [];
        Errno error = AttributeName.Split(name, out AttributeSpace space, out ReadOnlySpan<byte> suffix);
        if (error != Errno.None)
            return error;
        var reader = new RequestReader(Volume, context);
        error = ReadAttributes(reader, out List<StoredAttribute> all);
        if (error != Errno.None)
            return error;
        byte index = StoredAttribute.IndexOf(space);
        foreach (StoredAttribute one in all)
        {
            if (one.Is(index, suffix))
                return AttributeReader.ReadValue(reader, one, out value);
        }

        return Errno.ENODATA;
    }

    public override Errno ListExtendedAttributes(OperationContext context, List<byte[]> names)
    {
        Errno error = ReadAttributes(new RequestReader(Volume, context), out List<StoredAttribute> all);
        if (error != Errno.None)
            return error;
        foreach (StoredAttribute one in all)
        {
            ReadOnlySpan<byte> prefix = AttributeName.PrefixOf(one.Space);
            // A name that no call could ask for is not told either.
            bool isName = one.Name.Length > 0 && prefix.Length + one.Name.Length <= ExtendedAttribute.LongestName && !one.Name.AsSpan().Contains((byte)0);
            if (!prefix.IsEmpty && isName)
                names.Add([.. prefix, .. one.Name]);
        }

        return Errno.None;
    }

    public override Errno SetExtendedAttribute(OperationContext context, in ExtendedAttributeChange wanted)
    {
        AttributeSpace space = AttributeSpace.None;
        ReadOnlySpan<byte> suffix = default;
        Errno error = CheckChangeable();
        if (error == Errno.None)
            error = AttributeName.Split(wanted.Name, out space, out suffix);
        if (error != Errno.None)
            return error;
        var made = new Change(Disk, new RequestReader(Volume, context));
        error = new AttributeEditor(made, this).Set(context, StoredAttribute.IndexOf(space), suffix, wanted);
        if (error != Errno.None)
            return error;
        made[this].ChangeTime = wanted.Time;
        error = made.TryApply(context);
        if (error == Errno.None)
            mayHaveCapabilities = null;
        return error;
    }

    /// <summary>
    /// File capabilities are lost by whoever changes the content or the owner, capabilities(7): what they were given to is not there any more. In
    /// <paramref name="change"/>, or at once, before the content changes.
    /// </summary>
    protected Errno LoseCapabilities(OperationContext context, Change? change)
    {
        mayHaveCapabilities ??= Record.AttributeBlock != 0 || HasOwnAttributes();
        if (mayHaveCapabilities == false)
            return Errno.None;
        var wanted = new ExtendedAttributeChange(AttributeName.Capabilities, null, ExtendedAttribute.Replace, Disk.Clock.Wall);
        Errno error = AttributeName.Split(wanted.Name, out AttributeSpace space, out ReadOnlySpan<byte> suffix);
        error = error != Errno.None ? error : change == null ? SetExtendedAttribute(context, wanted)
            : new AttributeEditor(change, this).Set(context, StoredAttribute.IndexOf(space), suffix, wanted);
        if (error == Errno.ENODATA)
            mayHaveCapabilities = false;
        return error == Errno.ENODATA ? Errno.None : error;
    }

    private bool HasOwnAttributes()
    {
        var own = new List<StoredAttribute>();
        return !AttributeTable.TryReadInode(Record, own) || own.Count > 0;
    }

    private Errno ReadAttributes(BlockReader reader, out List<StoredAttribute> all)
    {
        var inBlock = new List<StoredAttribute>();
        all = [];
        Errno error = AttributeReader.Read(reader, (uint)Number, Record, all, inBlock);
        all.AddRange(inBlock);
        return error;
    }
}
